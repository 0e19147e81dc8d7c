import http from 'k6/http';

// Stock k6 with a threshold, as its own documentation recommends it.
const users = Number(__ENV.USERS);

export const options = {
  scenarios: {
    constant: {
      executor: 'constant-arrival-rate',
      rate: 500,
      timeUnit: '1s',
      duration: `${__ENV.SECONDS}s`,
      preAllocatedVUs: users,
      maxVUs: users,
    },
  },
  thresholds: { http_req_duration: ['p(95)<200'] },
  summaryTrendStats: ['p(50)', 'p(95)', 'p(99)', 'max'],
};

export default function get() {
  http.get(__ENV.URL);
}
