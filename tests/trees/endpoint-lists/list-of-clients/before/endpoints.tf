resource "aws_security_group" "ecs" {
  name   = "bond-ecs"
  vpc_id = "vpc-1"
}

resource "aws_security_group" "batch" {
  name   = "bond-batch"
  vpc_id = "vpc-1"
}

resource "aws_security_group" "endpoints" {
  name   = "bond-endpoints"
  vpc_id = "vpc-1"

  ingress {
    description     = "ECS tasks"
    from_port       = 443
    to_port         = 443
    protocol        = "tcp"
    security_groups = [aws_security_group.ecs.id, aws_security_group.batch.id]
  }
}

locals {
  interface = {
    sts  = { private_dns = true }
    logs = { private_dns = true }
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interface

  vpc_id              = "vpc-1"
  service_name        = "com.amazonaws.us-west-2.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = each.value.private_dns
  subnet_ids          = ["subnet-a", "subnet-b"]
  security_group_ids  = [aws_security_group.endpoints.id]
}
