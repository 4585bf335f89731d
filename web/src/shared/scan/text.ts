// What a card's code looks like; whether it is genuine is for the core to say.

/** Signs of a card's code. A space at an end belongs to it. */
export const SIGNS = 150
const alphabet = /^[0-9A-Z $%*+\-./:]+$/

export const looksLikeCard = (text: string): boolean => text.length === SIGNS && alphabet.test(text)

/** Pasted or typed by hand: line breaks are not part of a code, nor is the case of letters. */
export function cleaned(text: string): string {
  const line = text.replace(/[\r\n\t]/g, '')
  const upper = line.toUpperCase()
  for (const wish of [upper, upper.trim()]) if (looksLikeCard(wish)) return wish
  return line.trim()
}
