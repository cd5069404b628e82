import type { Prompt } from './provider.ts';

interface Said {
  readonly type: 'text' | 'reasoning';
  readonly text: string;
}

const CODE = `Here is a small function with a test beside it:

\`\`\`ts
/** The stock at which to order again: use during the lead time, plus a reserve for bad luck. */
export function reorderPoint({ perDay, leadDays, deviation, z = 1.65 }: Stock): number {
  const safety = z * deviation * Math.sqrt(leadDays);
  return Math.ceil(perDay * leadDays + safety);
}

console.log(reorderPoint({ perDay: 27, leadDays: 31, deviation: 7 })); // 902
\`\`\`

- Pass \`z = 2.33\` to run out only once in a hundred cycles.
- Late deliveries add their own spread under the root.`;

const TABLE = `| Origin | Use per day | Lead time | Reorder at | In stock |
|:--|--:|--:|--:|--:|
| Huila, Colombia | 42 kg | 18 days | 819 kg | 910 kg |
| Yirgacheffe, Ethiopia | 27 kg | 31 days | **901 kg** | **760 kg** |
| Cerrado, Brazil | 55 kg | 24 days | 1,417 kg | 1,680 kg |

**Order Yirgacheffe now.** Its stock is below the point at which a new order would still arrive in time.`;

const MATH = `The reorder point is the use during the lead time plus a reserve:

$$
R = d \\cdot L + z \\cdot \\sigma \\sqrt{L}
$$

where \\(d\\) is the daily use, \\(L\\) the lead time in days and \\(\\sigma\\) the deviation of the daily use.`;

const PARAGRAPH = [
  'A long answer is a good way to try what this page promises: open the conversation in a second tab, reload one of them, or stop the server and start it again.',
  'Every tab follows the same numbered events, so all of them show the same characters, and none is shown before it is safely stored.',
  'Write while the reply grows and press Enter: the message waits in the queue, visible in every tab, and can be changed until it is taken.',
  'Scroll up and the text stays where you read it; the end waits below.',
];

const HELLO = `This is a scripted demo: no model is behind it. Add a key in **Settings**, or point GoRunChat at a local server, to talk to a real one.

Ask for one of these to see how it is drawn:

1. **code** with highlighting and a copy button
2. a **table** with numbers
3. **math** set in formulas
4. a **long** answer, to reload, stop or queue in the middle
5. to **think** first`;

/** What the demo says to a question: whatever of its formats the question names, and who it is. */
export function scriptFor(prompt: Prompt): Said[] {
  const parts = prompt.messages.at(-1)?.parts ?? [];
  const question = parts.map((part) => (part.type === 'text' ? part.text : '')).join(' ').toLowerCase();
  const images = parts.filter((part) => part.type === 'image').length;
  const said: Said[] = [];
  if (/\b(think|reason)/u.test(question)) said.push({ type: 'reasoning', text: 'First I look at what was asked. Then I pick the part of the script that fits it. There is no more to it than that.' });
  const sections = [
    images > 0 ? `I was given ${images === 1 ? 'one image' : `${images} images`}; being a script, I cannot look at ${images === 1 ? 'it' : 'them'}.` : '',
    /\b(code|function|program)/u.test(question) ? CODE : '',
    /\btable/u.test(question) ? TABLE : '',
    /\b(math|formula|equation)/u.test(question) ? MATH : '',
    /\blong\b/u.test(question) ? longAnswer() : '',
    question.startsWith('continue exactly where') ? `… and so it goes on where it was cut off. ${PARAGRAPH[1]}` : '',
  ].filter((section) => section !== '');
  said.push({ type: 'text', text: sections.length === 0 ? HELLO : `${sections.join('\n\n')}\n\n_This was a scripted demo._` });
  return said;
}

function longAnswer(): string {
  return Array.from({ length: 12 }, (_, index) => `### Part ${index + 1}\n\n${[...PARAGRAPH.slice(index % 4), ...PARAGRAPH.slice(0, index % 4)].join(' ')}`).join('\n\n');
}
