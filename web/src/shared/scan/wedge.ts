// Hand scanners type like a keyboard, fast, and press Enter. They mean a US keyboard; the computer may believe in another.

/** Longest pause within one code. */
const PAUSE_MS = 60
/** Shorter bursts are people. */
const LEAST = 20

const shifted: Record<string, string> = {
  '1': '!', '2': '@', '3': '#', '4': '$', '5': '%', '6': '^', '7': '&', '8': '*', '9': '(', '0': ')',
  '-': '_', '=': '+', '[': '{', ']': '}', '\\': '|', ';': ':', "'": '"', ',': '<', '.': '>', '/': '?', '`': '~',
}
const named: Record<string, string> = {
  Minus: '-', Equal: '=', BracketLeft: '[', BracketRight: ']', Backslash: '\\', Semicolon: ';', Quote: "'",
  Comma: ',', Period: '.', Slash: '/', Backquote: '`', Space: ' ',
  NumpadAdd: '+', NumpadSubtract: '-', NumpadMultiply: '*', NumpadDivide: '/', NumpadDecimal: '.',
}

/** What the key would have written on a US keyboard; none for keys that write nothing. */
export function us(code: string, shift: boolean): string | undefined {
  const letter = /^Key([A-Z])$/.exec(code)?.[1]
  if (letter) return shift ? letter : letter.toLowerCase()
  const plain = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] ?? named[code]
  if (plain === undefined || !shift || code.startsWith('Numpad')) return plain
  return shifted[plain] ?? plain
}

/** The reading of a burst that `fits`; else the one in plain Latin signs. */
export function reading(keys: string, codes: string, fits: (text: string) => boolean): string {
  const wishes = [keys, codes, keys.toUpperCase(), codes.toUpperCase()]
  const latin = /^[\x20-\x7e]*$/.test(keys)
  return wishes.find(fits) ?? (latin ? keys : codes)
}

/** Calls `read` with each code of a hand scanner. Answers how to stop. */
export function wedge(fits: (text: string) => boolean, read: (text: string) => void): () => void {
  let keys = ''
  let codes = ''
  let last = -Infinity
  const pressed = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return
    const sign = us(event.code, event.shiftKey)
    const ends = event.key === 'Enter'
    if (sign === undefined && !ends) return
    if (event.timeStamp - last > PAUSE_MS) keys = codes = ''
    last = event.timeStamp
    if (!ends) {
      keys += event.key.length === 1 ? event.key : ''
      codes += sign
      // A space of a code must not press the button that has the focus.
      if (sign === ' ' && codes.length > 3) event.preventDefault()
      return
    }
    if (codes.length < LEAST) return
    event.preventDefault()
    event.stopPropagation()
    const text = reading(keys, codes, fits)
    keys = codes = ''
    read(text)
  }
  addEventListener('keydown', pressed, { capture: true })
  return () => removeEventListener('keydown', pressed, { capture: true })
}
