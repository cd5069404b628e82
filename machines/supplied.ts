/** Stands where the server supplies an actor with `.provide()`: a machine that runs without it fails at once and says what is missing. */
export function supplied(name: string): () => Promise<never> {
  return () => Promise.reject(new Error(`the actor '${name}' was not supplied`));
}
