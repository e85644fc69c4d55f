/** The parts of a refusal: what was refused, and what is lacking. The server
 * writes "WHAT: LACK; LACK"; any other message is a headline alone. */
export function lacking(message: string): { headline: string; items: string[] } {
  const at = message.indexOf(": ");
  if (at < 0 || !(message.includes("; ", at) || message.slice(0, at).endsWith(" its policy"))) return { headline: message, items: [] };
  return { headline: upper(message.slice(0, at)), items: message.slice(at + 2).split("; ") };
}

const upper = (s: string) => s.charAt(0).toUpperCase() + s.slice(1);
