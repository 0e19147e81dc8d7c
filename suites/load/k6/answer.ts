import type { RefinedResponse, ResponseType } from 'k6/http';

/** Why a request got no answer, in a word; '' when there is one. */
export function noAnswer(response: RefinedResponse<ResponseType>): string {
  if (response.status !== 0) return '';
  const code = response.error_code;
  if (code === 1050 || code === 1211) return 'timeout';
  if (code === 1212) return 'refused';
  if (code >= 1300 && code < 1400) return 'tls';
  if (code >= 1100 && code < 1200) return 'dns';
  if (/timeout/i.test(response.error)) return 'timeout';
  return code === 1220 || /reset|EOF|closed/i.test(response.error) ? 'reset' : 'no-answer';
}

/** Why a plain answer is not the expected one; '' when it is. */
export function unexpected(response: RefinedResponse<ResponseType>, status: number, contains: string): string {
  const missing = noAnswer(response);
  if (missing !== '') return missing;
  if (response.status !== status) return `http-${response.status}`;
  return contains !== '' && !String(response.body ?? '').includes(contains) ? 'wrong-answer' : '';
}
