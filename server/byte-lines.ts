const LINE_END = 10;

/** Each line with its end, if it has one. Nothing but a line feed ends a line: what people write has other signs that are taken for ends, and what was hashed has to come out as it went in. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let parts: Buffer[] = [];
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
      yield Buffer.concat([...parts, chunk.subarray(start, end + 1)]);
      [parts, start] = [[], end + 1];
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}
