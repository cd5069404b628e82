import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toDirectedGraph, type DirectedGraphNode } from 'xstate/graph';
import { conversationMachine } from '../machines/conversation.ts';
import { shippingMachine } from '../machines/shipping.ts';
import { turnMachine } from '../machines/turn.ts';

const README = join(import.meta.dirname, '../machines/README.md');

/** The page that shows the machines as they are: Mermaid diagrams made from the machines themselves. */
export function diagrams(): string {
  const parts = [
    '# The machines',
    '',
    'Made from the machines by `npm run diagrams`; a test holds this page against them. When things may happen is decided here and nowhere else; what they do to the',
    'world is supplied by `server/conversations/actors.ts`. Text never passes through a machine: it flows from the provider into the draft beside it.',
    '',
    '## One conversation',
    '',
    'Three regions side by side: the turn, the changes that are recorded beside it one after the other, and the title. The only way into `running` is a turn on record.',
    '',
    ...draw(conversationMachine),
    '',
    '## One turn',
    '',
    'The attempts of one provider call. It is repeated only before the first character, and each attempt is on record first.',
    '',
    ...draw(turnMachine),
    '',
    '## A copy outside',
    '',
    'Takes the sealed log to a copy outside of the store, supplied by `server/journal/ship.ts`. Nothing waits for it, and it never ends.',
    '',
    ...draw(shippingMachine),
    '',
  ];
  return parts.join('\n');
}

function draw(machine: unknown): string[] {
  const root = toDirectedGraph(machine as never);
  const lines = ['```mermaid', 'stateDiagram-v2'];
  const regions = root.children.some((child) => child.children.length > 0);
  if (!regions) lines.push(...inside(root, '  '));
  else for (const region of root.children) lines.push(`  state ${nameOf(region)} {`, ...inside(region, '    '), '  }');
  return [...lines, '```'];
}

function inside(node: DirectedGraphNode, indent: string): string[] {
  const initial = node.stateNode.initial.target[0];
  return [
    ...(initial === undefined ? [] : [`${indent}[*] --> ${local(initial.id)}`]),
    ...node.children.flatMap((child) => [
      ...(child.stateNode.description === undefined ? [] : [`${indent}note right of ${nameOf(child)} : ${child.stateNode.description}`]),
      ...(child.stateNode.always ?? []).map((edge) => `${indent}${nameOf(child)} --> ${local(edge.target?.[0]?.id ?? child.id)} : ${labelOf('', edge.guard)}`),
      ...child.edges.map((edge) => `${indent}${nameOf(child)} --> ${local(edge.target.id)} : ${labelOf(edge.label.text, edge.transition.guard)}`),
    ]),
    ...node.edges.map((edge) => `${indent}%% in every state: ${labelOf(edge.label.text, edge.transition.guard)}`),
  ];
}

function labelOf(text: string, guard: unknown): string {
  const event = text.replace(/^xstate\.(done|error)\.actor\..*$/u, '$1').replace(/^xstate\.after\.(\w+)\..*$/u, 'after $1') || 'always';
  return guard === undefined ? event : `${event} [${typeof guard === 'string' ? guard : (guard as { type: string }).type}]`;
}

function nameOf(node: DirectedGraphNode): string {
  return local(node.id);
}

function local(id: string): string {
  return id.split('.').at(-1) ?? id;
}

/** Whether the page shows the machines as they are. */
export function isCurrent(): boolean {
  return readFileSync(README, 'utf8') === diagrams();
}

if (import.meta.main) writeFileSync(README, diagrams());
