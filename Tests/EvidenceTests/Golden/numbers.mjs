// Prints doubles and how ECMAScript writes them: [bits in hexadecimal, text], for CanonicalJSONTests.
// Usage: node numbers.mjs > numbers.json

let state = 20260802n
function random64() { // splitmix64
  const mask = (1n << 64n) - 1n
  state = (state + 0x9e3779b97f4a7c15n) & mask
  let z = state
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask
  return z ^ (z >> 31n)
}

const view = new DataView(new ArrayBuffer(8))
function fromBits(bits) { view.setBigUint64(0, bits); return view.getFloat64(0) }
function toBits(value) { view.setFloat64(0, value); return view.getBigUint64(0) }

const values = []
for (let i = 0; i < 600; i++) values.push(fromBits(random64())) // any double
for (let i = 0; i < 300; i++) values.push(Number(random64() >> 11n) / 2 ** 53) // shares
for (let i = 0; i < 300; i++) values.push((Number(random64() % 4000000n) - 2000000) / 100000) // logits
for (let i = 0; i < 200; i++) values.push(Number(random64() >> (11n + random64() % 50n))) // integers
for (let e = -1074; e <= 1023; e += 7) values.push(2 ** e)
for (let e = -323; e <= 308; e += 3) values.push(Number(`1e${e}`))
for (const edge of [1e-7, 1e-6, 1e-5, 1, 1e15, 1e16, 1e17, 1e20, 1e21, 1e22, 2 ** 53, 2 ** 63, 2 ** 64, 5e-324, 2 ** -1022]) {
  for (let step = -2n; step <= 2n; step++) {
    if (toBits(edge) + step >= 0n) values.push(fromBits(toBits(edge) + step))
  }
}
const lines = values.filter(Number.isFinite).map((value) => {
  const bits = toBits(value).toString(16).padStart(16, "0")
  return JSON.stringify([bits, JSON.stringify(value)])
})
console.log("[\n" + lines.join(",\n") + "\n]")
