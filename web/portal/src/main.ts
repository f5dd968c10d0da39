import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { getLocale } from './lib/paraglide/runtime';
import { prefs } from './lib/prefs.svelte';
import { loadReasons } from './lib/reasons/reason.svelte';
import { router } from './lib/router.svelte';
import { session } from './lib/session.svelte';

document.documentElement.lang = getLocale();
prefs.apply();
router.start();
void session.start();
void loadReasons();
mount(App, { target: document.getElementById('app') ?? document.body });
