export const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];
const remembered = 'twinlock.theme';

const themeOf = (text: string | null): Theme => themes.find((theme) => theme === text) ?? 'system';
export const chosenTheme = (): Theme => themeOf(localStorage.getItem(remembered));

export function applyTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
}

export function chooseTheme(id: string): Theme {
  const theme = themeOf(id);
  localStorage.setItem(remembered, theme);
  applyTheme(theme);
  return theme;
}
