import type { FileDigest } from "../api/types";
import { size } from "../lib/format";
import { Digest, Name } from "../ui/bits";

/** Files with their digests. */
export function Files({ files, href }: { files: FileDigest[]; href?: (path: string) => string }) {
  return (
    <table className="plain-table files">
      <thead>
        <tr>
          <th scope="col">File</th>
          <th scope="col" className="right">
            Size
          </th>
          <th scope="col">SHA-256</th>
        </tr>
      </thead>
      <tbody>
        {files.map((f) => (
          <tr key={f.path}>
            <td className="mono">
              {href ? (
                <a href={href(f.path)} download>
                  <Name text={f.path} max={60} />
                </a>
              ) : (
                <Name text={f.path} max={60} />
              )}
            </td>
            <td className="right num">{size(f.size)}</td>
            <td>
              <Digest value={f.sha256} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
