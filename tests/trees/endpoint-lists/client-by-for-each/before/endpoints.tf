resource "aws_security_group" "batch" {
  name   = "bond-batch"
  vpc_id = "vpc-1"
}

locals {
  endpoint_clients = {
    batch = aws_security_group.batch.id
  }
}

resource "aws_security_group" "endpoints" {
  name   = "bond-ai-endpoints"
  vpc_id = "vpc-1"
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  for_each = local.endpoint_clients

  security_group_id            = aws_security_group.endpoints.id
  description                  = each.key
  referenced_security_group_id = each.value
  from_port                    = 443
  to_port                      = 443
  ip_protocol                  = "tcp"
}

resource "aws_vpc_endpoint" "this" {
  for_each = toset(["secretsmanager"])

  vpc_id              = "vpc-1"
  service_name        = "com.amazonaws.us-west-2.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = ["subnet-a", "subnet-b"]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
}
