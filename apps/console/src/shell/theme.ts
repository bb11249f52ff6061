const remembered = 'twinlock.theme';
export type Theme = 'system' | 'light' | 'dark';

export const chosenTheme = (): Theme => {
  const stored = localStorage.getItem(remembered);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
};

export function applyTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(remembered);
  else localStorage.setItem(remembered, theme);
  applyTheme(theme);
}
