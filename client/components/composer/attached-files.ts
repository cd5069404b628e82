import { wordsOf } from '../../link/api.ts';
import type { Attachment } from '../../state/attachments.ts';
import type { AttachedFile } from './composer.ts';

const NONE: readonly AttachedFile[] = [];

/** Files on their way as the composer shows them; without any, always the same list, so that nothing is drawn again for its sake. */
export function attachedFiles(files: readonly Attachment[]): readonly AttachedFile[] {
  return files.length === 0 ? NONE : files.map(attachedFile);
}

function attachedFile(file: Attachment): AttachedFile {
  const { id, name, mediaType, size, part } = file;
  return {
    id: part?.fileId ?? id, name, mediaType, size,
    ...(part?.width !== undefined && { width: part.width }),
    ...(part?.height !== undefined && { height: part.height }),
    ...(file.state === 'uploading' && { progress: file.progress }),
    ...(file.refusal && { refusal: wordsOf(file.refusal) }),
  };
}
