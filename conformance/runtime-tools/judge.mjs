// Compares a program's lines with expected.json and with the best peer, and reports what is wrong.

function matches(expectation, description) {
  const { line } = expectation;
  return line.startsWith('/') && line.endsWith('/') ? new RegExp(line.slice(1, -1)).test(description) : line === description;
}

/** Failing lines, including nested ones, which are named `outer > inner`. A failing TODO line is not a failure in TAP. */
function failingLines(lines, prefix = '') {
  return lines.flatMap((line) => {
    const name = prefix + line.description;
    const own = !line.ok && line.kind === 'test' ? [name] : [];
    return [...own, ...failingLines(line.nested, `${name} > `)];
  });
}

function count(lines) {
  const passed = lines.filter((line) => line.ok && line.kind === 'test').length;
  const failed = lines.filter((line) => !line.ok && line.kind === 'test').length;
  return { passed, failed, skipped: lines.length - passed - failed };
}

/** Expectations whose condition holds on this machine. `when` is one condition, or several that must all hold. */
function applicable(expectations, conditions) {
  return expectations.filter(({ when = [] }) =>
    [when].flat().every((name) => {
      if (!(name in conditions)) throw new Error(`expected.json: there is no condition "${name}"`);
      return conditions[name];
    }),
  );
}

function judgeLines(failing, expectations) {
  const explained = failing.map((name) => ({ name, by: expectations.find((expectation) => matches(expectation, name)) }));
  const times = (expectation) => explained.filter(({ by }) => by === expectation).length;
  const problems = explained.filter(({ by }) => by === undefined).map(({ name }) => `unexpected failure: ${name}`);
  for (const expectation of expectations) {
    const found = times(expectation);
    if (found === 0 && expectation.sometimes !== true)
      problems.push(`went green, take it out of expected.json: ${expectation.line}`);
    if (found > 0 && expectation.times !== undefined && found !== expectation.times) {
      problems.push(`failed ${found} times, ${expectation.times} expected: ${expectation.line}`);
    }
  }
  return {
    problems,
    lost: expectations.filter(({ sometimes }) => sometimes === true).reduce((sum, race) => sum + times(race), 0),
    explained: explained.filter(({ by }) => by !== undefined).map(({ name, by }) => ({ line: name, reason: by.reason })),
  };
}

function judgeLeftovers(leftovers, expectations) {
  const known = (left) => expectations.some((expectation) => matches(expectation, left));
  return leftovers.filter((left) => !known(left)).map((left) => `left behind: ${left}`);
}

/** `passed`: including lines that lost a race, which a peer may have won. */
function judgePeers(passed, peer, fewer) {
  if (peer === null || passed >= peer.passed) {
    return fewer === undefined || peer === null
      ? []
      : ['no longer fewer passing lines than the best peer, take `fewer` out of expected.json'];
  }
  return fewer === undefined ? [`${passed} passing lines, the best peer (${peer.by}) has ${peer.passed}`] : [];
}

/**
 * Judges one program's result.
 * expected: its entry in expected.json {lines, leaves, fewer}; peer: {passed, by} of the best peer, or null; conditions: of this
 * machine.
 */
export function judge(result, { expected = {}, peer, conditions }) {
  const counts = count(result.lines);
  const failing = failingLines(result.lines);
  const { problems, lost, explained } = judgeLines(failing, applicable(expected.lines ?? [], conditions));
  const left = judgeLeftovers(result.leftovers, applicable(expected.leaves ?? [], conditions));
  const fewer = judgePeers(counts.passed + lost, peer, expected.fewer);
  return { ...result, ...counts, failing, explained, peer, problems: [...problems, ...left, ...fewer] };
}
