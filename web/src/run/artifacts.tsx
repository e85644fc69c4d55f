import { useEffect, useState } from "react";
import * as client from "../api/client";
import type { Artifact, Run } from "../api/types";
import { useQuery } from "../lib/address";
import { useData } from "../lib/data";
import { middle, size } from "../lib/format";
import { Empty, Icon, Trouble } from "../ui/bits";
import { read, showLimit, type Content } from "./files";

/** The run's files: a tree, and beside it the chosen one. */
export function ArtifactsTab({ run }: { run: Run }) {
  const [query, setQuery] = useQuery();
  const path = query.get("path") ?? "";
  const id = run.info.run_id;
  const root = useData(`artifacts ${id} `, () => client.artifacts(id, ""));
  if (root.problem) return <Trouble problem={root.problem} retry={root.reload} what="The files could not be read." />;
  if (root.data?.length === 0)
    return (
      <Empty title="No files yet" commands={[`mlflow.log_artifact("model.pkl")`]}>
        Files that the script logs are kept here:
      </Empty>
    );
  return (
    <div className="split">
      <div className="tree">{root.data && <Folder id={id} files={root.data} depth={0} chosen={path} choose={(p) => setQuery({ path: p })} />}</div>
      <div className="viewer">{!root.data ? null : path ? <Viewer key={path} id={id} path={path} /> : <p className="dim">Choose a file.</p>}</div>
    </div>
  );
}

interface FolderProps {
  id: string;
  files: Artifact[];
  depth: number;
  chosen: string;
  choose: (path: string) => void;
}

function Folder(props: FolderProps) {
  const sorted = [...props.files].sort((a, b) => Number(!!b.is_dir) - Number(!!a.is_dir) || (a.path < b.path ? -1 : 1));
  return (
    <ul>
      {sorted.map((f) => (
        <Entry key={f.path} file={f} {...props} />
      ))}
    </ul>
  );
}

function Entry({ file, ...props }: FolderProps & { file: Artifact }) {
  const { depth, chosen, choose } = props;
  const [open, setOpen] = useState(chosen.startsWith(file.path + "/"));
  const name = file.path.split("/").pop() ?? file.path;
  return (
    <li>
      <button
        type="button"
        style={{ paddingLeft: 8 + depth * 16 }}
        aria-expanded={file.is_dir ? open : undefined}
        aria-current={chosen === file.path ? "true" : undefined}
        title={file.path}
        onClick={() => (file.is_dir ? setOpen(!open) : choose(file.path))}
      >
        <Icon name={file.is_dir ? "folder" : "file"} />
        <span className="cut">{middle(name, 40)}</span>
        <span className="dim num">{file.is_dir ? "" : size(file.file_size ?? 0)}</span>
      </button>
      {open && <Below {...props} path={file.path} />}
    </li>
  );
}

function Below({ path, ...props }: Omit<FolderProps, "files"> & { path: string }) {
  const { data, problem } = useData(`artifacts ${props.id} ${path}`, () => client.artifacts(props.id, path));
  if (problem) return <p className="v-worse">{problem.message}</p>;
  return data ? <Folder {...props} files={data} depth={props.depth + 1} /> : null;
}

function Viewer({ id, path }: { id: string; path: string }) {
  const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  const list = useData(`artifacts ${id} ${parent}`, () => client.artifacts(id, parent));
  const entry = list.data?.find((f) => f.path === path);
  const big = (entry?.file_size ?? 0) > showLimit;
  return (
    <>
      <div className="line">
        <strong className="mono cut" title={path}>
          {middle(path, 60)}
        </strong>
        <span className="dim num">{entry && size(entry.file_size ?? 0)}</span>
        <a href={client.artifactURL(id, path)} download>
          Download
        </a>
      </div>
      {list.data && !entry && <p className="dim">There is no file {path} in this run.</p>}
      {entry && (big ? <p className="dim">It is too large to be shown here.</p> : <Shown id={id} path={path} />)}
    </>
  );
}

export function Shown({ id, path }: { id: string; path: string }) {
  const { data, problem, reload } = useData(`file ${id} ${path}`, () => read(id, path));
  if (problem) return <Trouble problem={problem} retry={reload} what="The file could not be read." />;
  return data ? <ContentView content={data} path={path} /> : null;
}

function ContentView({ content: c, path }: { content: Content; path: string }) {
  switch (c.kind) {
    case "image":
      return <Picture blob={c.blob} alt={path} />;
    case "binary":
      return <p className="dim">These bytes are neither text nor a picture; download them.</p>;
    case "text":
      return (
        <pre className="text" tabIndex={0}>
          {c.text}
        </pre>
      );
    case "table":
      return (
        <div className="scroll" tabIndex={0}>
          <table className="plain-table">
            <thead>
              <tr>
                {c.rows[0]?.map((h, i) => (
                  <th key={i} scope="col">
                    {h}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {c.rows.slice(1).map((r, i) => (
                <tr key={i}>
                  {r.map((v, j) => (
                    <td key={j} className={v !== "" && !Number.isNaN(Number(v)) ? "right num" : ""}>
                      {v}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          {c.more && <p className="dim">There are more rows; download the file for all.</p>}
        </div>
      );
  }
}

/** A picture by a blob address: as an image its scripts, if any, never run. */
function Picture({ blob, alt }: { blob: Blob; alt: string }) {
  const [url, setURL] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setURL(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url ? <img className="picture" src={url} alt={alt} /> : null;
}
