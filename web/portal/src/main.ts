import './app.css';
import { mount } from 'svelte';
import App from './app/App.svelte';
import { routes } from './app/routes';
import { getLocale } from './i18n/paraglide/runtime';
import { prefs } from './ui/prefs.svelte';
import { loadReasons } from './ui/reason.svelte';
import { router } from './ui/router.svelte';
import { scope } from './api/scope';
import { session } from './api/session.svelte';

document.documentElement.lang = getLocale();
prefs.apply();
scope.begin(location.search);
router.start(routes);
void session.start();
void loadReasons();
mount(App, { target: document.getElementById('app') ?? document.body });
