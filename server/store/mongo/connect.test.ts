import { describe, expect, it } from 'vitest';
import { checkDeployment, connect } from './connect.ts';

describe('a deployment of MongoDB', () => {
  it('is refused when it stands alone, in a sentence that says what to do', () => {
    const alone = { isWritablePrimary: true, maxWireVersion: 25, ok: 1 };
    expect(() => checkDeployment(alone, 'db:27017')).toThrow(/^The MongoDB server at db:27017 stands alone.*rs\.initiate\(\)/u);
  });

  it('is taken when it is a replica set or sharded', () => {
    expect(() => checkDeployment({ isWritablePrimary: true, setName: 'rs0', ok: 1 }, 'db')).not.toThrow();
    expect(() => checkDeployment({ isWritablePrimary: true, msg: 'isdbgrid', ok: 1 }, 'db')).not.toThrow();
  });

  it('that does not answer is named, and its password is not', async () => {
    await expect(connect({ uri: 'mongodb://ann:hunter2@127.0.0.1:1/x?replicaSet=rs0', serverSelectionTimeoutMs: 200 }))
      .rejects.toSatisfy((error: Error) => error.message.startsWith('No MongoDB primary answered at 127.0.0.1:1 within 0.2 seconds') && !error.message.includes('hunter2'));
  });

  it.each(['', 'http://db/x', 'mongodb://', 'mongodb://ann:hunter2:x@db', 'mongodb://ann:hunter2%zz@db'])('with the address %j is known for a mistake, and its password is not told', async (uri) => {
    await expect(connect({ uri, serverSelectionTimeoutMs: 200 })).rejects.toSatisfy((error: Error) => error.message.startsWith('The MongoDB address is not one.') && !error.message.includes('hunter2'));
  });
});
