using System.Text.Json.Nodes;
using Testing;

namespace ServiceDefaults.Tests;

/// <summary>What the guard of the published descriptions calls breaking, and what it lets pass.</summary>
public sealed class ApiChangesTests
{
    private const string Published = """
        {
          "paths": { "/v1/lamps/{id}": { "put": {
            "operationId": "ChangeLamp",
            "security": [ { "client": [ "lamps.write" ] } ],
            "parameters": [ { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }, { "name": "limit", "in": "query", "schema": { "type": "integer" } } ],
            "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Change" } } } },
            "responses": {
              "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Lamp" } } } },
              "404": { "$ref": "#/components/responses/404" } } } } },
          "components": {
            "responses": { "404": { "x-problem-codes": [ "lamp.unknown" ] } },
            "schemas": {
              "Change": { "type": "object", "required": [ "colour" ], "properties": { "colour": { "type": "string", "enum": [ "red", "green" ] }, "note": { "type": [ "null", "string" ] } } },
              "Lamp": { "type": "object", "required": [ "id" ], "properties": { "id": { "type": "string", "format": "uuid" }, "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Part" } } } },
              "Part": { "type": "object", "required": [ "name" ], "properties": { "name": { "type": "string" } } } } }
        }
        """;

    [Theory]
    [InlineData("\"/v1/lamps/{id}\"", "\"/v1/lights/{id}\"", "PUT /v1/lamps/{id} is gone.")]
    [InlineData("\"operationId\": \"ChangeLamp\"", "\"operationId\": \"EditLamp\"", "PUT /v1/lamps/{id}: operationId was ChangeLamp and is EditLamp.")]
    [InlineData("\"lamps.write\"", "\"lamps.manage\"", "PUT /v1/lamps/{id} asks for the scope lamps.manage.")]
    [InlineData("\"name\": \"limit\", \"in\"", "\"name\": \"count\", \"in\"", "PUT /v1/lamps/{id}: the parameter query limit is gone.")]
    [InlineData("\"name\": \"limit\", \"in\"", "\"required\": true, \"name\": \"limit\", \"in\"", "PUT /v1/lamps/{id}: the parameter query limit is required now.")]
    [InlineData("[ \"colour\" ]", "[ \"colour\", \"note\" ]", "PUT /v1/lamps/{id}: body.note is required now.")]
    [InlineData("[ \"red\", \"green\" ]", "[ \"red\" ]", "PUT /v1/lamps/{id}: body.colour may not be green any more.")]
    [InlineData("[ \"null\", \"string\" ]", "\"string\"", "PUT /v1/lamps/{id}: body.note may not be null any more.")]
    [InlineData("[ \"lamp.unknown\" ]", "[ \"lamp.lost\" ]", "PUT /v1/lamps/{id}: 404 lamp.unknown is gone.")]
    [InlineData("[ \"id\" ]", "[ ]", "PUT /v1/lamps/{id}: 200.id may be missing now.")]
    [InlineData("\"format\": \"uuid\"", "\"format\": \"uri\"", "PUT /v1/lamps/{id}: 200.id may be string (uri) now.")]
    [InlineData("{ \"name\": { \"type\": \"string\" } }", "{ \"title\": { \"type\": \"string\" } }", "PUT /v1/lamps/{id}: 200.parts[].name is gone.")]
    [InlineData("{ \"name\": { \"type\": \"string\" } }", "{ \"name\": { \"type\": [ \"null\", \"string\" ] } }", "PUT /v1/lamps/{id}: 200.parts[].name may be null now.")]
    public void What_breaks_a_client_is_named(string was, string now, string change)
    {
        Published.ShouldContain(was);

        ApiChanges.Breaking(JsonNode.Parse(Published)!, JsonNode.Parse(Published.Replace(was, now, StringComparison.Ordinal))!).ShouldContain(change);
    }

    [Theory]
    [InlineData("\"paths\": {", "\"paths\": { \"/v1/more\": { \"get\": {} },")]
    [InlineData("[ \"red\", \"green\" ]", "[ \"red\", \"green\", \"blue\" ]")]
    [InlineData("[ \"lamp.unknown\" ]", "[ \"lamp.unknown\", \"lamp.lost\" ]")]
    [InlineData("{ \"name\": { \"type\": \"string\" } }", "{ \"name\": { \"type\": \"string\" }, \"weight\": { \"type\": \"number\" } }")]
    [InlineData("\"parameters\": [", "\"parameters\": [ { \"name\": \"more\", \"in\": \"query\", \"schema\": { \"type\": \"string\" } },")]
    public void What_is_added_breaks_nobody(string was, string now)
    {
        Published.ShouldContain(was);

        ApiChanges.Breaking(JsonNode.Parse(Published)!, JsonNode.Parse(Published.Replace(was, now, StringComparison.Ordinal))!).ShouldBeEmpty();
    }
}
