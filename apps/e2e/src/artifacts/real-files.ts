import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

type RealFile = { readonly id: string; readonly path: string };

const require = createRequire(import.meta.url);

/** Files that nobody made for a test: a program, and the weights that two packages carry for face and hand models. */
export function realFiles(): { readonly what: string; readonly files: readonly RealFile[] }[] {
  const face = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'model');
  const hands = dirname(require.resolve('@mediapipe/hands/package.json'));
  return [
    { what: 'the program node', files: [fileAt(process.execPath)] },
    { what: 'the weights of face models', files: filesIn(face, /\.bin$/) },
    { what: 'the weights of hand models', files: filesIn(hands, /\.(tflite|binarypb)$|_assets\.data$/) },
  ];
}

function filesIn(folder: string, wanted: RegExp): RealFile[] {
  const names = readdirSync(folder).filter((name) => wanted.test(name));
  return names.map((name) => fileAt(join(folder, name)));
}

function fileAt(path: string): RealFile {
  return { id: basename(path), path };
}
