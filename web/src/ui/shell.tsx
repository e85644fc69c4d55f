import { useRef, useState, type ReactNode } from "react";
import { Link } from "wouter";
import { navigate } from "wouter/use-browser-location";
import { useLost } from "../api/live";
import { useBusy } from "../lib/busy";
import { middle } from "../lib/format";
import { setTheme, useTheme, type Theme } from "../lib/theme";
import { Icon } from "./bits";
import { Help, useKeys } from "./keys";
import { Search } from "./search";

export interface Crumb {
  text: string;
  href?: string;
}

const places = [
  { key: "e", href: "/experiments", text: "Experiments", icon: "experiments" },
  { key: "c", href: "/changes", text: "Merge requests", icon: "changes" },
  { key: "m", href: "/models", text: "Models", icon: "models" },
] as const;

/** The frame of every page: rail, top line, content. */
export function Shell({ at, crumbs, children }: { at: string; crumbs: Crumb[]; children: ReactNode }) {
  const [help, setHelp] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const going = useRef(0);
  useKeys((key, e) => {
    if (Date.now() - going.current < 1200) {
      going.current = 0;
      const place = places.find((p) => p.key === key);
      if (place) navigate(place.href);
      return;
    }
    if (key === "g") going.current = Date.now();
    if (key === "?") setHelp(true);
    if (key === "/") {
      e.preventDefault();
      search.current?.focus();
    }
  });
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to content
      </a>
      <nav className="rail" aria-label="Places">
        <Link href="/experiments" className="logo" aria-label="Assay">
          <img src="/icon.svg" alt="" width="22" height="22" />
        </Link>
        {places.map((p) => (
          <Link key={p.href} href={p.href} className="place" aria-current={at === p.href.slice(1) ? "page" : undefined}>
            <Icon name={p.icon} />
            <span>{p.text}</span>
          </Link>
        ))}
      </nav>
      <header className="top">
        <nav className="crumbs" aria-label="Breadcrumb">
          {crumbs.map((c, i) => (
            <span key={i} title={c.text}>
              {c.href ? <Link href={c.href}>{middle(c.text, 60)}</Link> : middle(c.text, 60)}
            </span>
          ))}
        </nav>
        <Lost />
        <Search input={search} />
        <ThemeSwitch />
        <button type="button" className="plain" onClick={() => setHelp(true)} aria-label="Keyboard shortcuts" title="Keyboard (?)">
          ?
        </button>
      </header>
      <Bar />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Help open={help} close={() => setHelp(false)} />
    </div>
  );
}

function Bar() {
  return <div className={useBusy() ? "bar on" : "bar"} role="presentation" />;
}

function Lost() {
  return useLost() ? (
    <span className="lost" role="status" title="Numbers may be old until the connection is back; it is tried again by itself.">
      connection lost, trying again
    </span>
  ) : null;
}

const next: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const look = { system: "screen", light: "sun", dark: "moon" } as const;

function ThemeSwitch() {
  const { chosen } = useTheme();
  const text = `Theme: ${chosen}; switch to ${next[chosen]}`;
  return (
    <button type="button" className="plain" onClick={() => setTheme(next[chosen])} aria-label={text} title={text}>
      <Icon name={look[chosen]} />
    </button>
  );
}
