/** What the window is called: never what is on the screen. */
export function title(name: 'app' | 'hidden'): void {
  document.title = name === 'app' ? 'Umbrella' : 'Notes'
}
