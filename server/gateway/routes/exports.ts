import type { ExportWanted } from '../../../contracts/exports.ts';
import type { CaseId, ExportId } from '../../../contracts/ids.ts';
import type { Asked, RouteCodes } from '../http.ts';
import { actorOf } from '../request.ts';
import type { RouteWorld } from './world.ts';

/** Packages that reviewers order for a case. */
export function exportRoutes({ exports, disclosures }: Pick<RouteWorld, 'exports' | 'disclosures'>): Pick<RouteCodes, 'exports' | 'exportProgress' | 'orderExport' | 'approveExport' | 'refuseExport' | 'cancelExport' | 'downloadExport'> {
  const reviewer = ({ request, session }: Asked) => ({ ...actorOf(request, session), user: session.user });
  const named = ({ params, body }: Asked): [ExportId, string] => [params['export'] as ExportId, (body as { reason: string }).reason];
  const decided = (isApproved: boolean) => (asked: Asked) => {
    const [id, reason] = named(asked);
    return exports.decide(id, isApproved, reason, reviewer(asked));
  };
  return {
    exports: async ({ request, session, params }) => {
      const id = params['case'] as CaseId;
      await disclosures.list('exports', actorOf(request, session), { case: id });
      return { exports: await exports.list(id), needsApproval: exports.needsApproval };
    },
    exportProgress: ({ params }) => exports.progress(params['export'] as ExportId),
    orderExport: (asked) => exports.order(asked.body as ExportWanted, reviewer(asked)),
    approveExport: decided(true),
    refuseExport: decided(false),
    cancelExport: (asked) => exports.cancel(...named(asked), reviewer(asked)),
    downloadExport: async (asked) => {
      const { name, bytes } = await exports.download(...named(asked), reviewer(asked));
      return asked.reply.type(name.endsWith('.age') ? 'application/octet-stream' : 'application/zip').header('content-disposition', `attachment; filename="${name}"`).send(bytes);
    },
  };
}
