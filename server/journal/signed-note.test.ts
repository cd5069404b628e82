import { describe, expect, it } from 'vitest';
import { openSigner, readCheckpoint, signedCheckpoint } from './signed-note.ts';

const seed = Buffer.alloc(32, 7);
const root = Buffer.alloc(32, 9);
const REFUSED = /^(?:no key that is known has signed this|this is no (?:signed note|checkpoint|public key of a log))$/u;

describe('a checkpoint', () => {
  it('is read as it was signed, by whoever has the public key', () => {
    const signer = openSigner(seed);
    const note = signedCheckpoint({ size: 42, root }, [signer]);
    expect(readCheckpoint(note, [signer.verifierKey])).toEqual({ origin: signer.origin, size: 42, root, generations: [] });
    expect(note).toMatch(/^gorunchat\/[0-9a-f]{16}\n42\n\S{44}\n\n— gorunchat\/[0-9a-f]{16} \S+\n$/u);
  });

  it('is read as the tools of others sign them: the example of the specification of signed notes', () => {
    const key = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    const note = 'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'.replaceAll('’', "'");
    expect(() => readCheckpoint(note, [key])).toThrow('this is no checkpoint'); // signed it is
    expect(() => readCheckpoint(note.replace('answer', 'Answer'), [key])).toThrow('no key that is known');
  });

  it('is refused when anything of it was changed, with another key, or under another name', () => {
    const signer = openSigner(seed);
    const note = signedCheckpoint({ size: 42, root }, [signer]);
    for (let place = 0; place < note.length - 1; place++) {
      const other = note[place] === 'A' ? 'B' : 'A';
      expect(() => readCheckpoint(note.slice(0, place) + other + note.slice(place + 1), [signer.verifierKey])).toThrow(REFUSED);
    }
    for (const key of [openSigner(Buffer.alloc(32, 8)).verifierKey, openSigner(seed, 'another').verifierKey, 'nonsense']) expect(() => readCheckpoint(note, [key])).toThrow(REFUSED);
    expect(() => readCheckpoint(note, [])).toThrow('no key that is known');
  });

  it('may have the signatures of others beside it', () => {
    const signer = openSigner(seed);
    const note = signedCheckpoint({ size: 1, root }, [signer]);
    const witness = signedCheckpoint({ size: 1, root }, [openSigner(Buffer.alloc(32, 8), 'witness.example.org')]).split('\n').at(-2)!;
    expect(readCheckpoint(`${note}${witness}\n`, [signer.verifierKey]).size).toBe(1);
  });
});
