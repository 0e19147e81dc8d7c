import { useRef, useState } from 'react';
import { mutate, Refusal } from '../api.ts';
import { Field, Outcome, Section } from '../ui/parts.tsx';
import { textOf, useTask } from '../use.ts';

const types: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  md: 'text/markdown',
  markdown: 'text/markdown',
  json: 'application/json',
  csv: 'text/csv',
};
const mostFiles = 20;
/** The API takes a body of 1 MiB, and the content travels in it twice: as text and as the file. */
const mostBytes = 400_000;

interface Refused {
  readonly file: File;
  readonly why: string;
}

export function UploadDocuments({ uploaded }: { uploaded: () => void }) {
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  const category = useRef('');
  const input = useRef<HTMLInputElement | null>(null);
  const task = useTask<readonly File[]>(async (files) => {
    const failed: Refused[] = [];
    setRefused([]);
    for (const file of files)
      await upload(file, category.current).catch((error) => failed.push({ file, why: textOf(error) }));
    setRefused(failed);
    if (failed.length < files.length) uploaded();
    const stored = files.length - failed.length;
    return stored > 0 ? `${stored} ${stored === 1 ? 'document' : 'documents'} uploaded.` : undefined;
  });
  return (
    <Section title="Upload">
      <Field
        label="Category"
        id="defaultCategory"
        name="defaultCategory"
        maxLength="100"
        hint="For all files you choose; may be left empty."
        onChange={(event: { currentTarget: HTMLInputElement }) => {
          category.current = event.currentTarget.value.trim();
        }}
      />
      <input
        type="file"
        multiple
        hidden
        accept={Object.keys(types)
          .map((ending) => `.${ending}`)
          .join(',')}
        ref={input}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          // The same file can then be chosen again after a failure.
          event.currentTarget.value = '';
          if (files.length > 0) void task.run(files);
        }}
      />
      <p className="note">Text, Markdown, JSON or CSV; up to {mostFiles} files of up to 400 kB each.</p>
      <button type="button" disabled={task.busy} onClick={() => input.current?.click()}>
        {task.busy ? 'Uploading...' : 'Upload Document'}
      </button>
      <Outcome task={task} />
      {refused.length > 0 && (
        <div className="failure" role="alert">
          {refused.map(({ file, why }) => (
            <p className="error" key={file.name}>
              {file.name} was not uploaded: {why}
            </p>
          ))}
          <button type="button" className="plain" onClick={() => void task.run(refused.map(({ file }) => file))}>
            Try again
          </button>
        </div>
      )}
    </Section>
  );
}

async function upload(file: File, category: string): Promise<void> {
  const type = types[file.name.split('.').at(-1)?.toLowerCase() ?? ''];
  if (!type) throw new Refusal('REFUSED', 'only text, Markdown, JSON and CSV files can be read.');
  if (file.size > mostBytes) throw new Refusal('REFUSED', `it is larger than ${mostBytes / 1000} kB.`);
  const content = await file.text();
  if (content.trim() === '') throw new Refusal('REFUSED', 'it is empty.');
  await mutate('knowledge.upload', {
    title: file.name.replace(/\.\w+$/, ''),
    content,
    ...(category ? { category } : {}),
    file: { name: file.name, type, size: file.size, data: await base64(file) },
  });
}

const base64 = async (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => reject(new Refusal('REFUSED', 'it could not be read.'));
    reader.readAsDataURL(file);
  });
