import { mount } from 'svelte'
import '../shared/base.css'
import { keepOffline } from '../shared/offline.ts'
import { begin } from '../shared/prefs.ts'
import { show } from '../shared/shown.ts'
import { title } from '../shared/title.ts'
import App from './App.svelte'
import { desk } from './desk.svelte.ts'

const target = document.getElementById('app')
// What is kept here is looked at while the words come.
const began = desk.begin()
await begin()
title('app')
if (target) mount(App, { target })
show()
await began
keepOffline('counter')
