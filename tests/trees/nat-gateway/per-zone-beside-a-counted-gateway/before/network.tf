resource "aws_vpc" "main" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true

  tags = {
    Name = "bond"
  }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

variable "zone_count" {
  type    = number
  default = 2
}

variable "zones" {
  type    = list(string)
  default = ["us-west-2a", "us-west-2b", "us-west-2c"]
}

resource "aws_subnet" "public" {
  count             = var.zone_count
  vpc_id            = aws_vpc.main.id
  availability_zone = element(var.zones, count.index)
  cidr_block        = cidrsubnet("10.40.0.0/16", 8, 96 + count.index)
}

resource "aws_subnet" "private" {
  count             = var.zone_count
  vpc_id            = aws_vpc.main.id
  availability_zone = element(var.zones, count.index)
  cidr_block        = cidrsubnet("10.40.0.0/16", 4, count.index)
}

resource "aws_eip" "nat" {
  count  = 1
  domain = "vpc"
}

resource "aws_nat_gateway" "nat" {
  count         = 1
  subnet_id     = element(aws_subnet.public.*.id, count.index)
  allocation_id = element(aws_eip.nat.*.id, count.index)
}

resource "aws_route_table" "private" {
  count  = var.zone_count
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "private" {
  count          = var.zone_count
  subnet_id      = element(aws_subnet.private.*.id, count.index)
  route_table_id = element(aws_route_table.private.*.id, count.index)
}
