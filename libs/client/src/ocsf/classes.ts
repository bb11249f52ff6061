/** The classes and activities of OCSF 1.5 that events of the product become (https://schema.ocsf.io/1.5.0). */
export const OCSF_VERSION = '1.5.0';

export const category = { uid: 3, name: 'Identity & Access Management' } as const;

export const classes = {
  'Account Change': {
    uid: 3001,
    activities: {
      Create: 1,
      Enable: 2,
      'Password Change': 3,
      'Password Reset': 4,
      Disable: 5,
      Delete: 6,
      'Attach Policy': 7,
      'Detach Policy': 8,
      Lock: 9,
      'MFA Factor Enable': 10,
      'MFA Factor Disable': 11,
      Unlock: 12,
    },
  },
  Authentication: { uid: 3002, activities: { Logon: 1, Logoff: 2, Preauth: 6, Other: 99 } },
  'Entity Management': {
    uid: 3004,
    activities: { Create: 1, Update: 3, Delete: 4, Enable: 8, Disable: 9, Suspend: 12, Resume: 13, Other: 99 },
  },
} as const;

type Classes = typeof classes;
export type ClassName = keyof Classes;
/** `Authentication: Logon` */
export type Activity = {
  [Name in ClassName]: `${Name}: ${keyof Classes[Name]['activities'] & string}`;
}[ClassName];

export const severities = { Informational: 1, Low: 2, Medium: 3, High: 4 } as const;
export type Severity = keyof typeof severities;
export const statuses = { Success: 1, Failure: 2 } as const;
export type Status = keyof typeof statuses;

/** What is said of an activity, in names and in numbers. */
export function classified(activity: Activity) {
  const [className, activityName] = activity.split(': ') as [ClassName, string];
  const { uid, activities } = classes[className];
  const id = (activities as Readonly<Record<string, number>>)[activityName]!;
  return {
    category_uid: category.uid,
    category_name: category.name,
    class_uid: uid,
    class_name: className,
    activity_id: id,
    activity_name: activityName,
    type_uid: uid * 100 + id,
    type_name: activity,
  };
}
