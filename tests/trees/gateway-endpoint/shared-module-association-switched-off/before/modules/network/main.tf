variable "s3_endpoint" {
  type    = bool
  default = false
}

resource "aws_vpc" "core" {
  cidr_block = "10.40.0.0/16"
}

resource "aws_internet_gateway" "core" {
  vpc_id = aws_vpc.core.id
}

resource "aws_subnet" "edge" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.96.0/24"
}

resource "aws_subnet" "left" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.0.0/20"
}

resource "aws_subnet" "right" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.40.16.0/20"
}

resource "aws_route_table" "inner" {
  vpc_id = aws_vpc.core.id
}

resource "aws_route_table" "edge" {
  vpc_id = aws_vpc.core.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.core.id
  }
}

resource "aws_route_table_association" "edge" {
  subnet_id      = aws_subnet.edge.id
  route_table_id = aws_route_table.edge.id
}

resource "aws_route_table_association" "left" {
  subnet_id      = aws_subnet.left.id
  route_table_id = aws_route_table.inner.id
}

resource "aws_route_table_association" "right" {
  subnet_id      = aws_subnet.right.id
  route_table_id = aws_route_table.inner.id
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.core.id
  service_name = "com.amazonaws.us-west-2.s3"
}

resource "aws_vpc_endpoint_route_table_association" "private" {
  count = var.s3_endpoint ? 1 : 0

  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  route_table_id  = aws_route_table.inner.id
}

output "vpc_id" {
  value = aws_vpc.core.id
}

output "subnet_ids" {
  value = [aws_subnet.left.id, aws_subnet.right.id]
}
