variable "context" {
  type = any
}

variable "network" {
  type = any
}

locals {
  prefix = var.context.name
}

resource "aws_vpc" "main" {
  cidr_block           = var.network.cidr
  enable_dns_hostnames = true

  tags = {
    Name = "${local.prefix}-vpc"
  }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id

  tags = {
    Name = "${local.prefix}-igw"
  }
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(var.network.cidr, 8, 96)
  availability_zone = "${var.context.region}a"

  tags = {
    Name = "${local.prefix}-public-a"
  }
}

resource "aws_subnet" "private" {
  count = length(var.network.zones)

  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(var.network.cidr, var.network.private_newbits, count.index)
  availability_zone = "${var.context.region}${var.network.zones[count.index]}"

  tags = {
    Name = "${local.prefix}-private-${var.network.zones[count.index]}"
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id

  tags = {
    Name = "${local.prefix}-private"
  }
}

resource "aws_route_table_association" "private" {
  count = length(var.network.zones)

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private.id
}

resource "aws_eip" "nat" {
  count  = var.network.nat ? 1 : 0
  domain = "vpc"

  tags = {
    Name = "${local.prefix}-nat"
  }
}

resource "aws_nat_gateway" "main" {
  count         = var.network.nat ? 1 : 0
  allocation_id = aws_eip.nat[0].id
  subnet_id     = aws_subnet.public.id

  tags = {
    Name = "${local.prefix}-nat"
  }
}

resource "aws_route" "nat" {
  count                  = var.network.nat ? 1 : 0
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main[0].id
}

resource "aws_vpc_endpoint" "s3" {
  count             = try(var.network.s3_endpoint, false) ? 1 : 0
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.${var.context.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private.id]
}

output "vpc_id" {
  value = aws_vpc.main.id
}

output "private_subnet_ids" {
  value = aws_subnet.private[*].id
}
