resource "aws_subnet" "a" {
  vpc_id     = "vpc-1"
  cidr_block = "10.40.0.0/20"
}

resource "aws_subnet" "b" {
  vpc_id     = "vpc-1"
  cidr_block = "10.40.16.0/20"
}

resource "aws_route_table" "public" {
  vpc_id = "vpc-1"
}

resource "aws_route_table" "private" {
  vpc_id = "vpc-1"
}

resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.a.id
  route_table_id = aws_route_table.private.id
}

resource "aws_route_table_association" "b" {
  subnet_id      = aws_subnet.b.id
  route_table_id = aws_route_table.private.id
}
