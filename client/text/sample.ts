/** Everything that markdown has, with the traps: for tests that grow a text character by character. */
export const LONG = `# Reorder points

Order **Yirgacheffe** now, *not later*, ~~never~~; see \`z = 1.65\` & "quotes" &amp; &#8364; <b onclick="x()">raw</b>.
Second line of the paragraph  
after a hard break. Visit https://example.com/a_b?c=1, <https://example.com>, [terms](https://example.com/terms "Title") or [bad](javascript:alert(1)).

Setext heading
--------------

| Origin | Use per day | In stock |
|:-------|:-----------:|---------:|
| Huila, Colombia | 42 kg | **910 kg** |
| Yirgacheffe<br>Ethiopia | 27 kg | \`760 kg\` |

1. First
2. Second

   with a paragraph of its own

   - nested *item*
     1. deeper
3. Third

- [x] done
- [ ] not done

> A quotation
> with two lines
>
> - and a list

\`\`\`ts reorder.ts
export function reorderPoint(perDay: number, days: number): number {
  return Math.ceil(perDay * days); // <not a tag> **not bold**
}
\`\`\`

The factor $z$ is 1.65, it costs $5 or $10, and \\(R = d \\cdot L\\) holds:

$$
R = d \\cdot L + z \\cdot \\sigma \\cdot \\sqrt{L}
$$

\\[ x^2 + y^2 = 1 \\]

![A chart](https://example.com/chart.png) and ![bad](data:text/html,hi)

<div class="box"><script>alert(1)</script></div>

***

Reference to [the agreement][ref] and [missing][nowhere].

    indented code <here>

Emphasis that never ends **bold and *both and \`code

[ref]: https://example.com/agreement

שלום עולם, مرحبا بالعالم

Last line.
`;
