import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The package as its users get it: built and packed in a copy of the sources, and installed into an empty project. */
export class Packed {
  /** A project of a user, which depends on nothing but the package. */
  readonly project: string;
  readonly tarball: string;
  /** Paths in the tarball, without `package/`. */
  readonly files: readonly string[];
  private readonly folder: string;

  private constructor(folder: string, project: string, tarball: string, files: readonly string[]) {
    this.folder = folder;
    this.project = project;
    this.tarball = tarball;
    this.files = files;
  }

  static async make(): Promise<Packed> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-package-'));
    const tarball = await pack(folder, 'first', '022');
    const project = join(folder, 'project');
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{ "name": "user", "type": "module", "private": true }');
    await execute('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], {
      cwd: project,
    });
    const { stdout } = await execute('tar', ['-tzf', tarball]);
    const files = stdout.trim().split('\n');
    return new Packed(
      folder,
      project,
      tarball,
      files.map((file) => file.replace(/^package\//, '')),
    );
  }

  /** Builds and packs once more, in another folder, for a user whose new files nobody else may read. */
  async again(): Promise<string> {
    return pack(this.folder, 'second', '077');
  }

  /** Writes a file of the user's project, and gives its path. */
  async write(name: string, text: string): Promise<string> {
    const path = join(this.project, name);
    await writeFile(path, text);
    return path;
  }

  /** A file of the installed package. */
  read(path: string): Promise<string> {
    return readFile(join(this.project, 'node_modules/parley-mpc', path), 'utf8');
  }

  /** What a program prints that runs in the user's project. */
  async run(program: string, ...args: string[]): Promise<string> {
    const env = { ...process.env, NO_COLOR: '1' };
    const { stdout } = await execute(program, args, { cwd: this.project, env });
    return stdout.trim();
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** Builds and packs a copy of the sources; gives the tarball's path. */
async function pack(folder: string, name: string, umask: string): Promise<string> {
  const copy = join(folder, name, 'copy');
  await cp(root, copy, {
    recursive: true,
    filter: (path) => !/^(node_modules|dist|\.git)$/.test(relative(root, path).split(sep)[0]!),
  });
  const script = [
    `umask ${umask}`,
    'chmod -R "$(umask -S)" .',
    `ln -s "${root}node_modules" node_modules`,
    'npm run -s build',
    'npm pack --ignore-scripts --json --pack-destination ..',
  ].join(' && ');
  const { stdout } = await execute('sh', ['-c', script], { cwd: copy });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  return join(folder, name, filename);
}
