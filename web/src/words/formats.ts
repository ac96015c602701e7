// Dates, times and numbers in the reader's language and their own time zone.

export interface Formats {
  number(value: number): string;
  /** 14:03 */
  time(iso: string): string;
  /** For a list: the time today, the weekday this week, else the date. */
  brief(iso: string, now?: Date): string;
  /** For a day line: Today, Yesterday, Monday, 3 November, with the year when it is another. */
  day(iso: string, now?: Date): string;
  /** 3 November 2026, 14:03 */
  moment(iso: string): string;
  /** November 2026 */
  month(iso: string): string;
  /** 3 May, with the year when it is another. */
  date(iso: string, now?: Date): string;
  /** 3 May, 14:03: until when something holds. */
  until(iso: string, now?: Date): string;
  /** today, 3 days ago, in 2 months, last year: how far away, as one says it. */
  distance(iso: string, now?: Date): string;
}

export function createFormats(locale: string): Formats {
  const form = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
  const number = new Intl.NumberFormat(locale);
  const time = form({ timeStyle: 'short' });
  const weekday = form({ weekday: 'short' });
  const dayMonth = form({ day: 'numeric', month: 'short' });
  const numeric = form({ day: 'numeric', month: 'numeric', year: '2-digit' });
  const longDay = form({ weekday: 'long', day: 'numeric', month: 'long' });
  const longDate = form({ day: 'numeric', month: 'long', year: 'numeric' });
  const moment = form({ dateStyle: 'long', timeStyle: 'short' });
  const month = form({ month: 'long', year: 'numeric' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const counted = new Intl.RelativeTimeFormat(locale);
  const plainDay = form({ day: 'numeric', month: 'long' });
  const dated = (iso: string, now: Date) => {
    const day = new Date(iso);
    const isThisYear = day.getFullYear() === now.getFullYear();
    // A day and its month stay on one line.
    return isThisYear ? plainDay.format(day).replaceAll(' ', '\u00a0') : longDate.format(day);
  };
  return {
    number: (value) => number.format(value),
    time: (iso) => time.format(new Date(iso)),
    brief(iso, now = new Date()) {
      const date = new Date(iso);
      const days = daysBetween(date, now);
      if (days <= 0) return time.format(date);
      if (days < 7) return weekday.format(date);
      return (date.getFullYear() === now.getFullYear() ? dayMonth : numeric).format(date);
    },
    day(iso, now = new Date()) {
      const date = new Date(iso);
      const days = daysBetween(date, now);
      if (days === 0 || days === 1) return capital(relative.format(-days, 'day'), locale);
      return (date.getFullYear() === now.getFullYear() ? longDay : longDate).format(date);
    },
    moment: (iso) => moment.format(new Date(iso)),
    month: (iso) => month.format(new Date(iso)),
    date: (iso, now = new Date()) => dated(iso, now),
    until: (iso, now = new Date()) => `${dated(iso, now)}, ${time.format(new Date(iso))}`,
    distance(iso, now = new Date()) {
      const days = -daysBetween(new Date(iso), now);
      if (Math.abs(days) < 2) return relative.format(days, 'day');
      if (Math.abs(days) < 60) return counted.format(days, 'day');
      const months = Math.trunc(days / 30.44);
      if (Math.abs(months) < 12) return counted.format(months, 'month');
      // “Last year” only where the calendar agrees.
      const calendarYears = new Date(iso).getFullYear() - now.getFullYear();
      return Math.abs(calendarYears) === 1
        ? relative.format(calendarYears, 'year')
        : counted.format(Math.round(months / 12), 'year');
    },
  };
}

/** Whole calendar days from `earlier` to `later` where the reader is; 0 is the same day. */
export function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(later).getTime() - midnight(earlier).getTime()) / 86_400_000);
}

function capital(word: string, locale: string): string {
  return word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
}
