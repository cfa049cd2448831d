/**
 * The shape of a JSON value: its keys and types without its values. The shapes of a list's entries are laid over one
 * another; a key that not all of them have ends in `?`.
 */
export function shapeOf(value) {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? [] : [value.map(shapeOf).reduce(over)];
  }
  if (typeof value === 'object') {
    return sorted(Object.entries(value).map(([key, entry]) => [key, shapeOf(entry)]));
  }
  return typeof value;
}

function over(left, right) {
  if (Array.isArray(left) && Array.isArray(right)) {
    const entries = [...left, ...right];
    return entries.length === 0 ? [] : [entries.reduce(over)];
  }
  if (isObject(left) && isObject(right)) {
    const names = new Set([...Object.keys(left), ...Object.keys(right)].map((key) => key.replace(/\?$/, '')));
    return sorted(
      [...names].map((name) => {
        const [one, other] = [left, right].map((shape) => shape[name] ?? shape[`${name}?`]);
        const always = left[name] !== undefined && right[name] !== undefined;
        const shape = one === undefined || other === undefined ? (one ?? other) : over(one, other);
        return [always ? name : `${name}?`, shape];
      }),
    );
  }
  if (typeof left === 'string' && typeof right === 'string') {
    return [...new Set([...left.split(' | '), ...right.split(' | ')])].sort().join(' | ');
  }
  // A mixture of a plain value and a structure tells all that can be told by the structure.
  return typeof left === 'string' ? right : left;
}

function isObject(shape) {
  return typeof shape === 'object' && !Array.isArray(shape);
}

function sorted(entries) {
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
