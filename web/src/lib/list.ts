// Lists of names in one value of the address: names may hold anything, so
// commas and percent signs of theirs are encoded.

export const joinList = (names: string[]) => names.map((n) => n.replaceAll("%", "%25").replaceAll(",", "%2C")).join(",");

export const splitList = (text: string): string[] => (text ? text.split(",").map(decode) : []);

function decode(s: string): string {
  return s.replaceAll("%2C", ",").replaceAll("%25", "%");
}
