import { Component, useEffect, type ReactNode } from "react";
import { navigate } from "wouter/use-browser-location";
import { useSegments } from "./lib/address";
import { ChangePage } from "./pages/change";
import { ChangesPage } from "./pages/changes";
import { ExperimentPage } from "./pages/experiment";
import { ExperimentsPage } from "./pages/experiments";
import { ModelPage } from "./pages/model";
import { ModelsPage } from "./pages/models";
import { RunPage } from "./pages/run";
import { VersionPage } from "./pages/version";
import { Empty } from "./ui/bits";
import { Shell } from "./ui/shell";

export function App() {
  return (
    <Guard>
      <Page />
    </Guard>
  );
}

/** The one table of routes. */
function Page() {
  const [place, a, b, c, ...rest] = useSegments();
  if (rest.length) return <Nowhere />;
  switch (place) {
    case undefined:
      return <Redirect href="/experiments" />;
    case "experiments":
      return a === undefined ? <ExperimentsPage /> : <ExperimentPage key={a} id={a} />;
    case "runs":
      if (a !== undefined) return <RunPage key={a} id={a} tab={b ?? "overview"} />;
      break;
    case "models":
      if (a === undefined) return <ModelsPage />;
      if (b === undefined) return <ModelPage key={a} name={a} />;
      if (b === "versions" && c !== undefined) return <VersionPage key={`${a}@${c}`} name={a} number={Number(c)} />;
      break;
    case "changes":
      if (a === undefined) return <ChangesPage />;
      if (b !== undefined) return <ChangePage key={`${a}!${b}`} project={a} number={Number(b)} />;
  }
  return <Nowhere />;
}

function Redirect({ href }: { href: string }) {
  useEffect(() => navigate(href, { replace: true }), [href]);
  return null;
}

function Nowhere() {
  return (
    <Shell at="" crumbs={[{ text: "Not found" }]}>
      <Empty page title="There is no such page">
        The address may be cut, or from another version. Experiments, merge requests and models lead to what there is.
      </Empty>
    </Shell>
  );
}

/** Our own mistakes end here instead of in a white page. */
class Guard extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <div className="trouble" role="alert">
        <strong>The page broke.</strong>
        <p>{this.state.error.message}</p>
        <button type="button" onClick={() => window.location.reload()}>
          Load it again
        </button>
      </div>
    );
  }
}
