import { mount } from 'svelte'
import '../shared/base.css'
import { keepOffline } from '../shared/offline.ts'
import { begin } from '../shared/prefs.ts'
import { show } from '../shared/shown.ts'
import App from './App.svelte'
import { desk } from './desk.svelte.ts'

const target = document.getElementById('app')
const began = desk.begin()
await begin()
if (target) mount(App, { target })
show()
await began
keepOffline('operator')
