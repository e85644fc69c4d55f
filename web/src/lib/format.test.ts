import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, duration, fitted, middle, number, safeURL, size, tight, toNumber, whole } from "./format";

const spaced = (s: string) => s.replaceAll("\u00a0", "_"); // no-break spaces, to be seen

test("numbers have four significant digits", () => {
  for (const [v, want] of [
    [0, "0"],
    [-0.5, "−0.5000"],
    [0.96842, "0.9684"],
    [1234567, "1,234,567"],
    [12345.6, "12,346"],
    [9999.96, "10,000"],
    [1234.56, "1,235"],
    [999.96, "1,000"],
    [-5418.4, "−5,418"],
    [0.000_123_46, "0.0001235"],
    [0.000_012_345, "1.234e−5"],
    [1.5e9, "1.500e9"],
    [2e12, "2.000e12"],
    ["NaN", "NaN"],
    [NaN, "NaN"],
    ["Infinity", "∞"],
    ["-Infinity", "−∞"],
    [undefined, "–"],
    [null, "–"],
  ] as const)
    assert.equal(number(v), want, String(v));
});

test("what is no number says why", () => {
  assert.equal(whole(0.123456789, "acc"), "0.123456789");
  assert.equal(whole(undefined, "acc"), "acc was not logged");
  assert.match(whole("NaN"), /NaN/);
  assert.match(whole(NaN), /NaN/);
  assert.match(whole("-Infinity"), /infinite.*-Infinity/);
});

test("values of the wire become numbers", () => {
  assert.equal(toNumber(1.5), 1.5);
  assert.equal(toNumber("Infinity"), Infinity);
  assert.equal(toNumber("-Infinity"), -Infinity);
  assert.ok(Number.isNaN(toNumber("NaN")));
  assert.ok(Number.isNaN(toNumber(undefined)));
});

test("sizes", () => {
  for (const [v, want] of [
    [undefined, "–"],
    [0, "0_B"],
    [999, "999_B"],
    [1000, "1.0_KB"],
    [99_600, "100_KB"],
    [99_400, "99_KB"],
    [999_600, "1.0_MB"],
    [1_440_000_000, "1.4_GB"],
    [5e15, "5,000_TB"],
  ] as const)
    assert.equal(spaced(size(v)), want, String(v));
});

test("durations", () => {
  for (const [v, want] of [
    [undefined, "–"],
    [-1, "–"],
    [NaN, "–"],
    [0, "0_ms"],
    [999.7, "1.0_s"],
    [9_970, "10_s"],
    [59_700, "1_m_0_s"],
    [134_000, "2_m_14_s"],
    [3_600_000, "1_h_0_m"],
    [47 * 3_600_000, "47_h_0_m"],
    [50 * 3_600_000, "2_d_2_h"],
  ] as const)
    assert.equal(spaced(duration(v)), want, String(v));
});

test("times are relative", () => {
  const now = Date.UTC(2026, 0, 31);
  for (const [before, want] of [
    [2_000, "just now"],
    [-2_000, "just now"],
    [-120_000, "in the future"],
    [30_000, "30_s ago"],
    [90_000, "1_min ago"],
    [7_300_000, "2_h ago"],
    [3 * 86_400_000, "3_days ago"],
    [100 * 86_400_000, "2025-10-23"],
  ] as const)
    assert.equal(spaced(ago(now - before, now)), want);
  assert.equal(ago(undefined), "–");
});

test("a value and its unit are kept together", () => {
  assert.equal(spaced(tight("95.0 % → 97.0 %, +2.0 points (n = 1,000)")), "95.0_% → 97.0_%, +2.0_points (n_=_1,000)");
  assert.equal(spaced(tight("took 2 m 14 s, 3 models")), "took 2_m 14_s, 3 models");
  assert.equal(spaced(tight("▲ accuracy")), "▲_accuracy");
});

test("long names are cut in the middle", () => {
  assert.equal(middle("short", 5), "short");
  assert.equal(middle("abcdefghij", 6), "abc…ij");
  assert.equal(middle("abcdefghij", 6).length, 6);
});

test("what is wider than its place is cut in the middle once", () => {
  const measure = (s: string) => [...s].reduce((sum, c) => sum + (c === "m" ? 2 : 1), 0);
  assert.equal(fitted("abcdefghij", 10, measure), "abcdefghij");
  assert.equal(fitted("abcdefghij", 9.9, measure), "abcde…hij");
  for (const width of [4, 7, 9, 12]) assert.ok(measure(fitted("mmmmmabcdemm", width, measure)) <= Math.max(width, 5));
  assert.equal(fitted("abcdefghij", 0, measure), "abcdefghij", "a place that is not laid out yet");
});

test("only addresses of the web are followed", () => {
  assert.equal(safeURL("https://x.example/1"), "https://x.example/1");
  for (const bad of [undefined, "", "javascript:alert(1)", " https://x", "//x.example", "data:text/html,x"]) assert.equal(safeURL(bad), undefined, bad);
});
