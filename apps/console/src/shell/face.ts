import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { face } from '../api/queries.js';
import { speakAsPortal } from '../language/i18n.js';
import { isPortal } from '../parts/fields/field.js';
import { PRODUCT } from '../parts/surface.js';

/** How a portal looks to who is there: its name, or the product's; the page speaks its language to who has chosen none. */
export function useFace(portal: string): { name: string; supportContact: string | null } {
  const asked = isPortal(portal);
  const { data, isPending } = useQuery({ ...face(portal), enabled: asked });
  useEffect(() => {
    if (data) void speakAsPortal(data.language);
  }, [data]);
  // no name stands there which is another a moment later
  const unnamed = asked && isPending ? '' : PRODUCT;
  return { name: data?.displayName ?? unnamed, supportContact: data?.supportContact ?? null };
}
