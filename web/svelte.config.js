import { vitePreprocess } from '@sveltejs/vite-plugin-svelte'

export default {
  preprocess: vitePreprocess({ script: true }),
  // Styles leave in files: the pages' policy forbids them in the document.
  compilerOptions: { runes: true, css: 'external' },
}
