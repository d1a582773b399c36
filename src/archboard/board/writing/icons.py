"""Words into the icon of the technology they name, from the catalogue of the installed `diagrams` package.

Better no icon than a wrong one: a technology counts when its name stands in the text as a word of its
own, not when the text only compares with it ("Kafka-compatible", "instead of Redis") or stands on it
("PyTorch on Kubernetes"). Names that are everyday words count with a capital, or alone. The package is
never imported (that takes a second); only its folder is looked up. The pictures are their vendors'
trademarks and are not copied into archboard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType


def _names(table: str) -> Mapping[str, str]:
    """Return a table of `path: name, name` lines as paths by name."""
    lines = [line.partition(": ") for line in table.strip().splitlines()]
    return MappingProxyType({name: path for path, _, names in lines for name in names.split(", ")})


UNMISTAKABLE = _names("""
onprem/inmemory/redis: redis, redis cluster
onprem/inmemory/memcached: memcached
onprem/inmemory/aerospike: aerospike
onprem/inmemory/hazelcast: hazelcast
onprem/queue/kafka: kafka
onprem/queue/rabbitmq: rabbitmq
onprem/queue/activemq: activemq
onprem/queue/zeromq: zeromq
onprem/queue/nats: nats jetstream
onprem/database/postgresql: postgresql, postgres, pgvector
onprem/database/mysql: mysql
onprem/database/mariadb: mariadb
onprem/database/mongodb: mongodb
onprem/database/cassandra: cassandra
onprem/database/clickhouse: clickhouse
onprem/database/cockroachdb: cockroachdb
onprem/database/couchbase: couchbase
onprem/database/couchdb: couchdb
onprem/database/scylla: scylladb
onprem/database/influxdb: influxdb
onprem/database/neo4j: neo4j
onprem/database/hbase: hbase
onprem/database/dgraph: dgraph
onprem/database/janusgraph: janusgraph
elastic/elasticsearch/elasticsearch: elasticsearch
elastic/elasticsearch/kibana: kibana
elastic/elasticsearch/logstash: logstash
elastic/beats/filebeat: filebeat
onprem/search/solr: solr, apache solr
aws/analytics/amazon-opensearch-service: opensearch
onprem/monitoring/prometheus: prometheus
onprem/monitoring/grafana: grafana
onprem/monitoring/datadog: datadog
onprem/monitoring/splunk: splunk
onprem/monitoring/zabbix: zabbix
onprem/monitoring/nagios: nagios
onprem/monitoring/dynatrace: dynatrace
onprem/monitoring/newrelic: new relic
onprem/logging/loki: grafana loki
onprem/tracing/tempo: grafana tempo
onprem/monitoring/mimir: grafana mimir
onprem/tracing/jaeger: jaeger
onprem/aggregator/fluentd: fluentd
onprem/logging/fluentbit: fluentbit, fluent bit
onprem/logging/graylog: graylog
saas/alerting/pagerduty: pagerduty
saas/alerting/opsgenie: opsgenie
k8s/infra/master: kubernetes, k8s
onprem/container/k3s: k3s
onprem/container/docker: docker
onprem/container/containerd: containerd
onprem/container/gvisor: gvisor
onprem/network/nginx: nginx
onprem/network/haproxy: haproxy
onprem/network/istio: istio
onprem/network/linkerd: linkerd
onprem/network/traefik: traefik
onprem/network/etcd: etcd
onprem/network/zookeeper: zookeeper
onprem/network/gunicorn: gunicorn
onprem/dns/coredns: coredns
onprem/network/envoy: envoy proxy
onprem/analytics/spark: apache spark, pyspark
onprem/analytics/flink: apache flink
onprem/analytics/beam: apache beam
onprem/analytics/hive: apache hive
onprem/analytics/storm: apache storm
onprem/database/druid: apache druid
onprem/workflow/nifi: apache nifi
onprem/analytics/hadoop: hadoop
onprem/analytics/trino: trino
onprem/analytics/databricks: databricks
onprem/analytics/dbt: dbt
saas/analytics/snowflake: snowflake
onprem/workflow/airflow: airflow
onprem/workflow/kubeflow: kubeflow
onprem/mlops/polyaxon: polyaxon
onprem/gitops/argocd: argocd, argo cd
onprem/ci/jenkins: jenkins
onprem/ci/github-actions: github actions
onprem/iac/terraform: terraform
onprem/iac/ansible: ansible
onprem/vcs/github: github
onprem/vcs/gitlab: gitlab
onprem/security/vault: hashicorp vault
onprem/storage/ceph: ceph
onprem/storage/glusterfs: glusterfs
saas/cdn/cloudflare: cloudflare
saas/cdn/fastly: fastly
saas/cdn/akamai: akamai
saas/identity/auth0: auth0
saas/identity/okta: okta
saas/communication/twilio: twilio
programming/language/python: python
programming/language/go: golang
programming/language/javascript: javascript
programming/language/typescript: typescript
programming/language/nodejs: node.js, nodejs
programming/language/cpp: c++
programming/language/kotlin: kotlin
programming/framework/fastapi: fastapi
programming/framework/django: django
programming/framework/graphql: graphql
programming/framework/nextjs: next.js
programming/framework/spring: spring boot
aws/storage/simple-storage-service-s3: s3, amazon s3, aws s3
aws/integration/simple-queue-service-sqs: sqs, aws sqs
aws/integration/simple-notification-service-sns: amazon sns, aws sns
aws/integration/eventbridge: eventbridge
aws/database/dynamodb: dynamodb
aws/database/elasticache: elasticache
aws/database/rds: aws rds, amazon rds
aws/database/aurora: amazon aurora, aws aurora, aurora postgresql
aws/database/neptune: amazon neptune
aws/analytics/redshift: redshift
aws/analytics/kinesis: kinesis
aws/analytics/glue: aws glue
aws/analytics/athena: amazon athena, aws athena
aws/analytics/emr: amazon emr
aws/analytics/managed-streaming-for-kafka: amazon msk
aws/compute/lambda: aws lambda
aws/compute/ec2: ec2
aws/compute/fargate: aws fargate, fargate
aws/compute/elastic-kubernetes-service: amazon eks, aws eks, eks
aws/compute/elastic-container-service: amazon ecs, aws ecs
aws/compute/batch: aws batch
aws/ml/sagemaker: sagemaker
aws/network/cloudfront: cloudfront
aws/network/route-53: route 53
aws/network/elb-application-load-balancer: aws alb
aws/network/elb-network-load-balancer: aws nlb
aws/network/api-gateway: aws api gateway, amazon api gateway
aws/management/cloudwatch: cloudwatch
gcp/analytics/bigquery: bigquery
gcp/analytics/pubsub: google pub/sub, cloud pub/sub, gcp pub/sub
gcp/analytics/dataflow: cloud dataflow, google dataflow
gcp/database/bigtable: bigtable
gcp/database/spanner: cloud spanner, google spanner
gcp/database/firestore: firestore
gcp/storage/storage: google cloud storage, gcs
gcp/compute/kubernetes-engine: gke
gcp/compute/run: google cloud run
azure/database/cosmos-db: cosmos db, cosmosdb
k8s/compute/pod: kubernetes pod
k8s/compute/job: kubernetes job
k8s/compute/cronjob: kubernetes cronjob
""")
"""Names that can mean nothing else, in any case and anywhere in the text."""

CAPITALISED = _names("""
onprem/analytics/spark: Spark
onprem/analytics/flink: Flink
onprem/network/envoy: Envoy
onprem/logging/loki: Loki
onprem/tracing/tempo: Tempo
onprem/network/consul: Consul
onprem/security/vault: Vault
onprem/queue/celery: Celery
onprem/network/kong: Kong
onprem/monitoring/sentry: Sentry
onprem/monitoring/thanos: Thanos
onprem/queue/nats: NATS
programming/language/rust: Rust
programming/language/java: Java
programming/language/scala: Scala
programming/language/ruby: Ruby
programming/language/go: Go
onprem/cd/tekton: Tekton
onprem/storage/ceph: Ceph
""")
"""Everyday words too: they count with their capital, and at the start of a text if it goes on like a name."""

ALONE = _names("""
programming/language/c: c
programming/language/r: r
programming/language/swift: swift
programming/language/php: php
programming/language/bash: bash
programming/framework/react: react
programming/framework/spring: spring
programming/framework/flask: flask
programming/framework/rails: rails
onprem/analytics/presto: presto
onprem/analytics/hive: hive
onprem/database/druid: druid
onprem/database/oracle: oracle
aws/compute/lambda: lambda
aws/database/aurora: aurora
gcp/database/spanner: spanner
onprem/registry/harbor: harbor
onprem/compute/nomad: nomad
onprem/aggregator/vector: vector
onprem/vcs/git: git
saas/chat/slack: slack
onprem/network/apache: apache
onprem/client/user: user
onprem/client/users: users
onprem/client/client: browser
generic/device/mobile: mobile
generic/os/android: android
generic/os/ios: ios
onprem/network/internet: internet
onprem/compute/server: server
gcp/compute/gpu: gpu
gcp/ml/tpu: tpu
gcp/analytics/pubsub: pubsub
gcp/analytics/dataflow: dataflow
onprem/monitoring/mimir: mimir
""")
"""Words that name a technology only when they are the whole text, as in `icon: lambda`."""

_NAME_GOES_ON = re.compile(
    r"\s*(?:$|[,;:/+(·|\d]|v\d|(?:on|in|with|and|streaming|cluster|sidecar|service|proxy|workers?|batch|jobs?)\b)"
)
_ONLY_LIKE = re.compile(r"[- ](?:compatible|like|style|flavou?red|protocol|api|wire|client)\b", re.IGNORECASE)
_NOT_THIS = re.compile(
    r"\b(?:no|not|non|like|unlike|without|than|instead of|replac\w+|vs\.?"
    r"|on|in|via|over|behind|from|to|into|by|for)[\s-]+$",
    re.IGNORECASE,
)


@cache
def catalogue() -> Path | None:
    """Return the folder of the icons, or None where the `diagrams` package is not installed."""
    spec = find_spec("diagrams")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parents[1] / "resources"
    return folder if folder.is_dir() else None


@cache
def icon_for(words: str) -> str | None:
    """Return the path in the catalogue of the first technology a text names, or None.

    The text may also be a path of the catalogue itself, with or without `.png`.
    """
    folder = catalogue()
    if folder is None:
        return None
    whole = " ".join(words.split())
    found = _whole(whole) or _first(whole)
    return f"{found}.png" if found and (folder / f"{found}.png").is_file() else None


def _whole(text: str) -> str | None:
    if re.fullmatch(r"[a-z0-9]+/[a-z0-9]+/[a-z0-9-]+(\.png)?", text):
        return text.removesuffix(".png")
    low = text.casefold()
    names = {name.casefold(): path for name, path in CAPITALISED.items()}
    return ALONE.get(low) or UNMISTAKABLE.get(low) or names.get(low)


def _first(text: str) -> str | None:
    for match in _unmistakable().finditer(text):
        name = match[0]
        known = CAPITALISED.get(name)
        path = UNMISTAKABLE.get(name.casefold()) or known
        if path is None or _compared(text, match.start(), match.end()):
            continue
        if known and match.start() == 0 and not _NAME_GOES_ON.match(text, match.end()):
            continue
        return path
    return None


def _compared(text: str, start: int, end: int) -> bool:
    return bool(_ONLY_LIKE.match(text, end) or _NOT_THIS.search(text[:start]))


@cache
def _unmistakable() -> re.Pattern[str]:
    names = sorted({*UNMISTAKABLE, *(name.casefold() for name in CAPITALISED)}, key=lambda n: (-len(n), n))
    return re.compile(r"(?<![\w@#./-])(?:" + "|".join(map(re.escape, names)) + r")(?![\w+#@])", re.IGNORECASE)
