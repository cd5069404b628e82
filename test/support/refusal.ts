/** The code with which a request was refused; `undefined` when it was not. */
export async function codeOf(reply: Response | Promise<Response>): Promise<string | undefined> {
  return ((await (await reply).json()) as { refusal?: { code: string } }).refusal?.code;
}
