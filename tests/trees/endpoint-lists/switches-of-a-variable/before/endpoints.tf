variable "endpoints" {
  type = map(bool)

  default = {
    s3             = false
    dynamodb       = true
    secretsmanager = false
  }
}

locals {
  enabled    = { for name, on in var.endpoints : name => on if on }
  gateways   = toset([for name, on in local.enabled : name if contains(["s3", "dynamodb"], name)])
  interfaces = setsubtract(keys(local.enabled), ["s3", "dynamodb"])
}

resource "aws_security_group" "endpoints" {
  count = length(local.interfaces) > 0 ? 1 : 0

  name   = "bond-endpoints"
  vpc_id = "vpc-1"

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateways

  vpc_id            = "vpc-1"
  service_name      = "com.amazonaws.us-west-2.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = ["rtb-private", "rtb-main"]
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interfaces

  vpc_id              = "vpc-1"
  service_name        = "com.amazonaws.us-west-2.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = ["subnet-a", "subnet-b"]
  security_group_ids  = aws_security_group.endpoints[*].id
  private_dns_enabled = true
}
