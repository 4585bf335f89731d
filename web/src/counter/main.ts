import { mount } from 'svelte'
import '../shared/base.css'
import { keepOffline } from '../shared/offline.ts'
import { begin } from '../shared/prefs.ts'
import { title } from '../shared/title.ts'
import App from './App.svelte'
import { desk } from './desk.svelte.ts'

const target = document.getElementById('app')
// The core is fetched beside the words.
const began = desk.begin()
await begin()
title('app')
if (target) mount(App, { target })
await began
keepOffline('counter')
