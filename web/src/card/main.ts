import { mount } from 'svelte'
import '../shared/base.css'
import { keepOffline } from '../shared/offline.ts'
import { begin } from '../shared/prefs.ts'
import App from './App.svelte'

const target = document.getElementById('app')
await begin()
if (target) mount(App, { target })
keepOffline('card')
