// Applies the chosen theme and language before the first paint; blocking on purpose, and a file because
// the content security policy allows no inline script.
(function () {
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem('aside.theme');
    if (theme === 'light' || theme === 'dark') {
      root.dataset.theme = theme;
      document.querySelectorAll('meta[name="theme-color"]').forEach(function (meta) {
        meta.content = theme === 'dark' ? '#171513' : '#faf8f5';
      });
    }
    var language = localStorage.getItem('aside.language');
    if (language !== 'en' && language !== 'de') {
      language = /^de\b/i.test(navigator.language) ? 'de' : 'en';
    }
    root.lang = language;
  } catch (error) {
    // Storage may be switched off: the defaults of the page then stand.
  }
})();
