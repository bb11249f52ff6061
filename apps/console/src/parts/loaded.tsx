import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure, Loading } from './surface.js';

interface Props<Data> {
  of: UseQueryResult<Data>;
  /** Of what is shown in its place meanwhile. */
  lines?: number;
  retry?: () => void;
  children: (data: Data) => ReactNode;
}

/** What the server said, or that it is being asked, or why it did not say. A failure takes nothing away that is there. */
export function Loaded<Data>({ of: { data, isPending, error, refetch }, lines, retry, children }: Props<Data>) {
  if (data !== undefined) return children(data);
  if (isPending) return <Loading {...(lines !== undefined && { lines })} />;
  return <Failure error={error} retry={retry ?? (() => void refetch())} />;
}
